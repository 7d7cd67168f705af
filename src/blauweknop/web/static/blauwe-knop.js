/* <blauwe-knop>: the button a government site puts on its pages. Without this script the link inside it simply works.

   <script src="https://bron.example/static/blauwe-knop.js" defer></script>
   <blauwe-knop bron="UWV"><a href="https://bron.example/uwv">Download uw gegevens van UWV</a></blauwe-knop>

   Attributes: bron (name of the organisation, optional), lang or taal (nl, en; else the language of the page).
   The address is that of the link inside and must be https, or on the site itself. Colours follow --bk-knop and --bk-knop-tekst. */
"use strict";
(() => {
  const WORDS = {
    nl: { text: "Download uw gegevens", from: (name) => `van ${name}`, sub: "met de Blauwe Knop" },
    en: { text: "Download your data", from: (name) => `from ${name}`, sub: "with the Blue Button" },
  };
  const STYLE = `
    :host { display: inline-block; max-width: 100%; }
    a { box-sizing: border-box; display: inline-flex; align-items: center; gap: .8em; max-width: 100%; min-height: 56px; min-width: 44px;
        padding: .45em 1.6em .45em .5em; border: 2px solid transparent; border-radius: 2em; text-decoration: none;
        background: var(--bk-knop, #0b4a8f); color: var(--bk-knop-tekst, #fff); font: inherit; line-height: 1.2; text-align: left; }
    a:hover { box-shadow: 0 0 0 3px rgba(15, 95, 184, .35); }
    a:hover strong { text-decoration: underline; text-underline-offset: .2em; }
    a:focus-visible { outline: 3px solid #0f5fb8; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    svg { flex: none; width: 2.7em; height: 2.7em; }
    strong { display: block; font-weight: 700; }
    small { display: block; font-size: .89em; }
    @media (forced-colors: active) { a { border-color: LinkText; } }
    @media print { a { color: #000; background: none; border-color: #000; } }`;
  const SVG = "http://www.w3.org/2000/svg";

  const shape = (name, attributes) => {
    const element = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    return element;
  };
  const mark = () => {
    const svg = shape("svg", { viewBox: "0 0 40 40", "aria-hidden": "true", focusable: "false" });
    const line = { fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" };
    svg.append(
      shape("circle", { cx: 20, cy: 20, r: 19, fill: "#fff" }),
      shape("circle", { cx: 20, cy: 20, r: 15.5, fill: "none", stroke: "#0f5fb8", "stroke-width": 1.5 }),
      shape("path", { ...line, d: "M20 9.5v14m0 0-6-6m6 6 6-6M12.5 29.5h15", stroke: "#0b4a8f", "stroke-width": 3 }),
    );
    return svg;
  };
  const allowed = (address) => {
    const url = new URL(address, document.baseURI);
    return url.protocol === "https:" || (url.protocol === "http:" && url.origin === window.location.origin);
  };

  class BlauweKnop extends HTMLElement {
    static observedAttributes = ["bron", "lang", "taal"];

    connectedCallback() {
      this.draw();
    }

    attributeChangedCallback() {
      if (this.isConnected) this.draw();
    }

    draw() {
      const link = this.querySelector("a[href]");
      if (!link || !allowed(link.getAttribute("href"))) return; // the link inside stays as it is
      const root = this.shadowRoot || this.attachShadow({ mode: "open" });
      if (root.adoptedStyleSheets.length === 0) {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets = [sheet];
      }
      const closest = this.getAttribute("taal") || (this.closest("[lang]") || document.documentElement).lang || "nl";
      const language = closest.toLowerCase().startsWith("en") ? "en" : "nl";
      const words = WORDS[language];
      const bron = (this.getAttribute("bron") || "").trim();
      const button = document.createElement("a");
      button.href = link.href;
      button.lang = language;
      button.part = "knop";
      const text = document.createElement("span");
      const strong = document.createElement("strong");
      strong.textContent = bron ? `${words.text} ${words.from(bron)}` : words.text;
      const small = document.createElement("small");
      small.textContent = words.sub;
      text.append(strong, " ", small);
      button.append(mark(), text);
      root.replaceChildren(button);
    }
  }
  if (!customElements.get("blauwe-knop")) customElements.define("blauwe-knop", BlauweKnop);
})();
