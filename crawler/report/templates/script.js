"use strict";
// Filter the pages in this file, and show a card that says why a block was dropped. Texts are set as text, never as HTML.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const form = one(".filters");
  const pages = all(".page");
  const STEP = 25;
  let most = STEP;

  // --- filters
  const chosen = (name) => {
    const field = form && form.elements[name];
    return !field ? "" : field.type === "checkbox" ? field.checked : field.value;
  };
  const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

  const shows = (page) => {
    const words = (chosen("words") || "").trim().toLowerCase();
    const state = chosen("state");
    return (!chosen("site") || page.dataset.site === chosen("site"))
      && (!chosen("kind") || page.dataset.kinds.split(" ").includes(chosen("kind")))
      && (!state || (state === "flagged" ? "flagged" in page.dataset : page.dataset.state === state))
      && (!words || one(".title", page).textContent.toLowerCase().includes(words));
  };

  const filterBlocks = (root) => {
    const kind = chosen("kind");
    for (const block of all(".d", root)) block.hidden = Boolean(kind) && !block.classList.contains(`k-${kind}`);
    for (const fold of all(".fold", root)) {
      fold.hidden = Boolean(kind) && !one(`.k-${kind}`, fold);
      if (kind) fold.open = !fold.hidden;
    }
    for (const blocks of all(".blocks", root)) {
      blocks.classList.toggle("only", Boolean(chosen("only")));
      rove(blocks);
    }
  };

  const filter = () => {
    const kind = chosen("kind");
    const found = pages.filter(shows);
    const drawn = new Set(found.slice(0, most));
    for (const page of pages) {
      page.hidden = !drawn.has(page);
      if (!page.hidden && page.open) filterBlocks(page);
    }
    if (!pages.length) filterBlocks(document);
    const status = one("#found");
    const blocks = kind ? all(`.d.k-${kind}`, pages.length ? one("#pages") : document)
      .filter((block) => !block.closest(".page") || found.includes(block.closest(".page"))).length : 0;
    if (status) {
      status.textContent = (pages.length ? `${plural(found.length, "page")}` : "")
        + (kind ? `${pages.length ? ", " : ""}${plural(blocks, "block")} of this kind` : "");
    }
    const more = one("#more");
    if (more) {
      more.hidden = found.length <= most;
      more.textContent = `Show ${Math.min(STEP, found.length - most)} more of ${found.length}`;
    }
  };

  if (form) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { most = STEP; hide(); filter(); });
    for (const page of pages) page.addEventListener("toggle", () => { if (page.open) filterBlocks(page); });
  }
  const more = one("#more");
  if (more) more.addEventListener("click", () => { most += STEP; filter(); });
  const toggle = one("#toggle");
  if (toggle) {
    toggle.addEventListener("click", () => {
      const open = toggle.dataset.open !== "yes";
      for (const page of pages) if (!page.hidden) page.open = open;
      toggle.dataset.open = open ? "yes" : "no";
      toggle.textContent = open ? "Close all" : "Open all";
    });
  }
  // A site or a kind chosen elsewhere in the report.
  for (const button of all("button.pick")) {
    button.addEventListener("click", () => {
      for (const name of ["site", "kind"]) if (form && form.elements[name]) form.elements[name].value = button.dataset[name] || "";
      most = STEP;
      filter();
      const target = one("#pages");
      if (target) target.scrollIntoView();
    });
  }

  // --- long tables, and sortable tables
  const ROWS = 20;
  const shorten = (table) => [...table.tBodies[0].rows].forEach((row, at) => { row.hidden = "short" in table.dataset && at >= ROWS; });
  for (const table of all("table.long")) {
    const rows = table.tBodies[0].rows.length;
    if (rows <= ROWS + 5) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "more";
    button.textContent = `Show all ${rows}`;
    button.addEventListener("click", () => { delete table.dataset.short; shorten(table); button.remove(); });
    table.dataset.short = "";
    shorten(table);
    table.after(button);
  }
  for (const table of all("table.sorts")) {
    all("thead button", table).forEach((button) => {
      button.addEventListener("click", () => {
        const head = button.closest("th");
        const column = [...head.parentNode.children].indexOf(head);
        const down = head.getAttribute("aria-sort") !== "descending";
        for (const other of all("th", table.tHead)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const value = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
        const order = (a, b) => {
          const [x, y] = [value(a), value(b)];
          const numbers = x !== "" && y !== "" && !isNaN(x) && !isNaN(y);
          return numbers ? x - y : String(x).localeCompare(String(y));
        };
        const rows = [...table.tBodies[0].rows].sort((a, b) => (down ? order(b, a) : order(a, b)));
        table.tBodies[0].append(...rows);
        shorten(table);
      });
    });
  }

  // --- the card
  const card = one("#card");
  let shown = null;

  const add = (list, name, value) => {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    if (value instanceof Node) text.append(value); else text.textContent = value;
    list.append(term, text);
  };

  const hide = () => {
    if (shown) shown.classList.remove("shown");
    shown = null;
    if (card) card.hidden = true;
  };

  const show = (block) => {
    if (!card || block === shown) return;
    hide();
    shown = block;
    block.classList.add("shown");
    const dropped = block.classList.contains("d");
    const kind = [...block.classList].find((name) => name.startsWith("k-"));
    const head = document.createElement("b");
    head.textContent = dropped ? `Dropped: ${kind.slice(2).replaceAll("_", " ")}` : "Kept";
    const list = document.createElement("dl");
    if (block.dataset.r) add(list, "rule", block.dataset.r);
    if (block.dataset.s) {
      const score = Number(block.dataset.s);
      const meter = document.createElement("meter");
      meter.max = 1;
      meter.value = score;
      const words = document.createElement("span");
      words.textContent = `${score.toFixed(2)} (1 article, 0 clutter)`;
      const both = document.createElement("div");
      both.append(words, meter);
      add(list, "score", both);
    }
    if (block.dataset.m) add(list, "site", `on ${block.dataset.m.replace("/", " of ")} of its articles`);
    if (block.dataset.p) add(list, "place", block.dataset.p);
    card.replaceChildren(head, list);
    card.hidden = false;
    if (getComputedStyle(card).position !== "absolute") return;
    const box = block.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const left = box.right + card.offsetWidth + 16 <= wide ? box.right + 8 : Math.max(8, Math.min(box.right, wide - 8) - card.offsetWidth);
    const beside = left >= box.right;
    const below = box.bottom + card.offsetHeight + 12 <= innerHeight;
    const top = beside ? Math.min(box.top, innerHeight - card.offsetHeight - 8) : below ? box.bottom + 6 : box.top - card.offsetHeight - 6;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${Math.max(top, 4) + scrollY}px`;
  };

  // One tab stop for a page's blocks; the arrow keys move between them.
  const visible = (blocks) => all(".b", blocks).filter((block) => block.offsetParent !== null);
  function rove(blocks) {
    const [first] = visible(blocks);
    for (const block of all(".b[tabindex='0']", blocks)) block.tabIndex = -1;
    if (first) first.tabIndex = 0;
  }
  const block = (event) => (event.target instanceof Element ? event.target.closest(".b") : null);
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const over = block(event);
    if (over) show(over); else if (shown !== document.activeElement) hide();
  });
  document.addEventListener("click", (event) => {
    const tapped = block(event);
    if (tapped) show(tapped); else hide();
  });
  document.addEventListener("focusin", (event) => { const over = block(event); if (over) show(over); });
  document.addEventListener("focusout", (event) => { if (block(event) === shown) hide(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { hide(); return; }
    const from = block(event);
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (!from || !step) return;
    const blocks = visible(from.closest(".blocks"));
    const next = blocks[blocks.indexOf(from) + step];
    if (!next) return;
    event.preventDefault();
    from.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  for (const blocks of all(".blocks")) if (!blocks.closest("details.page")) rove(blocks);
  filter();
})();
