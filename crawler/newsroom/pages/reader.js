// Builds the page of a story: fetches its text, and puts it where the spinner was, with what readers click beside it.
"use strict";

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const show = (app, story) => {
  const facts = story.ld;
  document.title = `${facts.headline} | ${facts.publisher.name}`;
  document.head.append(make("script", { type: "application/ld+json", textContent: JSON.stringify(facts) }));
  const text = make("div", { className: "story-text" });
  text.innerHTML = story.blocks;
  const parts = [make("h1", {}, facts.headline)];
  if (story.standfirst) parts.push(make("p", { className: "standfirst" }, story.standfirst));
  parts.push(make("p", { className: "byline" }, `By ${facts.author.map((author) => author.name).join(" and ")}`));
  const share = make("ul", { className: "share" });
  for (const name of ["Facebook", "LinkedIn", "E-mail"]) share.append(make("li", {}, make("a", { href: "#" }, name)));
  app.replaceChildren(make("main", {}, make("article", {}, ...parts, share, text)));
};

const app = document.getElementById("app");
fetch(app.dataset.story)
  .then((answer) => answer.json())
  .then((story) => show(app, story));
