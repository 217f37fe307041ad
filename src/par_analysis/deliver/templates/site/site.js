/* The search. Pages work without it: it puts itself into the head of the page, and loads its list when somebody begins to search. */
(() => {
  "use strict";
  const script = document.currentScript;
  const { up, lang, label, hint, found, first, none } = script.dataset;
  const SHOWN = 20;
  const place = document.getElementById("find");
  if (!place) return;

  /* Without accents and case; đ is a letter of its own, not a d with an accent. */
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/đ/g, "d");
  const wordsOf = (text) => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  let items = null;
  let loading = false;

  /* Units, years of an index and reports, each with the words that it is found by. */
  const prepare = ({ languages, units, indices, kinds, country, settings, reports }) => {
    const at = languages.indexOf(lang);
    const list = [];
    const squeezed = (names) => names.map((name) => wordsOf(name).join(""));
    const wordsOfUnit = ([slug, ...names]) => [...wordsOf(slug), ...names.flatMap(wordsOf), ...squeezed(names.slice(0, languages.length))];
    const unitWords = units.map(wordsOfUnit);
    const countryWords = country.flatMap(wordsOf);
    const indexWords = indices.map((names) => [...names.flatMap(wordsOf), ...squeezed(names.slice(0, 3))]);
    const kindWords = kinds.map((names) => names.flatMap(wordsOf));
    const short = (index) => indices[index][1 + at];
    units.forEach((unit, number) => list.push({ href: `${lang}/unit/${unit[0]}.html`, title: unit[1 + at], detail: "", words: unitWords[number], order: 0 }));
    const seen = new Set();
    for (const [year, kind, index, unit, variant, setting] of reports) {
      if (year && !seen.has(`${year} ${index}`)) {
        seen.add(`${year} ${index}`);
        list.push({ href: `${lang}/${year}/${indices[index][0]}.html`, title: `${short(index)} ${year}`, detail: indices[index][1 + languages.length + at], words: [String(year), ...indexWords[index]], order: 1 });
      }
      const name = unit < 0 ? country[at] : units[unit][1 + at];
      const where = [year || "all-years", kinds[kind][0], indices[index][0], ...(unit < 0 ? [] : [units[unit][0]])].join("/");
      list.push({
        href: `${lang}/${where}${variant}.html`,
        title: `${name} · ${short(index)}${year ? ` ${year}` : ""}`,
        detail: kinds[kind][1 + at] + (settings[setting][at] ? ` (${settings[setting][at]})` : ""),
        words: [...(unit < 0 ? countryWords : unitWords[unit]), ...(year ? [String(year)] : []), ...indexWords[index], ...kindWords[kind], ...wordsOf(variant), ...settings[setting].flatMap(wordsOf)],
        order: 2,
      });
    }
    return list;
  };

  /* A whole word counts more than its beginning, that more than a part within. Every word has to be found. */
  const weight = (item, token, isLast) => {
    let best = 0;
    for (const word of item.words) {
      if (word === token) return 3;
      if (word.startsWith(token)) best = Math.max(best, isLast ? 2.5 : 2);
      else if (token.length > 2 && word.includes(token)) best = Math.max(best, 1);
    }
    return best;
  };
  const search = (query) => {
    const tokens = wordsOf(query);
    if (!tokens.length) return [];
    const met = [];
    for (const item of items) {
      let sum = 0;
      for (const [number, token] of tokens.entries()) {
        const one = weight(item, token, number === tokens.length - 1);
        if (!one) {
          sum = 0;
          break;
        }
        sum += one;
      }
      if (sum) met.push([sum, item]);
    }
    return met.sort((one, two) => two[0] - one[0] || one[1].order - two[1].order).map(([, item]) => item);
  };

  const input = make("input", { type: "search", id: "query", autocomplete: "off", spellcheck: "false", placeholder: `${label}: ${hint}` });
  const status = make("p", { role: "status" });
  const results = make("ol", {});
  const panel = make("div", { hidden: "" }, status, results);
  const form = make("form", { role: "search", class: "find" }, make("label", { for: "query" }, `${label} (${hint})`), input, panel);

  const show = () => {
    const asked = input.value.trim();
    panel.hidden = !asked || !items;
    if (panel.hidden) return;
    const met = search(asked);
    const pattern = !met.length ? none : met.length > SHOWN ? first : found;
    status.textContent = pattern.replace("{n}", met.length).replace("{shown}", SHOWN);
    results.replaceChildren(
      ...met.slice(0, SHOWN).map((item) => make("li", {}, make("a", { href: up + item.href }, item.title, ...(item.detail ? [make("span", {}, item.detail)] : [])))),
    );
  };
  const load = () => {
    if (loading) return;
    loading = true;
    const list = make("script", { src: `${up}search.js` });
    list.addEventListener("load", () => {
      items = prepare(window.parSearch);
      show();
    });
    document.head.append(list);
  };
  const links = () => [...results.querySelectorAll("a")];
  const close = () => {
    panel.hidden = true;
  };

  input.addEventListener("focus", () => {
    load();
    show();
  });
  input.addEventListener("input", () => {
    load();
    show();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    links()[0]?.click();
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!form.contains(event.target)) close();
  });
  form.addEventListener("keydown", (event) => {
    const all = [input, ...links()];
    const here = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      if (document.activeElement === input) input.value = "";
      input.focus();
      close();
      event.preventDefault();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !panel.hidden) {
      all[Math.min(Math.max(here + (event.key === "ArrowDown" ? 1 : -1), 0), all.length - 1)].focus();
      event.preventDefault();
    }
  });
  place.replaceWith(form);
})();
