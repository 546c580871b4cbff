// Elements, made of text: nothing here or elsewhere turns a string into HTML, so that text of the data stays text.

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

const SVG = "http://www.w3.org/2000/svg";

export function h<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: Child[]) {
  return filled(document.createElement(name), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: Child[]) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled<T extends Element>(element: T, attributes: Attributes, children: Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child instanceof Node ? child : String(child));
    }
  }
  return element;
}

/** A link to a page elsewhere; an address of the data that is none of the web's is shown as text. */
export function outward(address: string, text: string = address): Node {
  if (!/^https?:\/\//i.test(address)) return document.createTextNode(text);
  return h("a", { href: address, rel: "noopener noreferrer external", class: "outward" }, text);
}

/** Hands a text to the reader as a file. */
export function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A button that puts a text on the clipboard. */
export function copying(label: string, done: string, text: () => string): HTMLButtonElement {
  const button = h("button", { type: "button", class: "small", click: () => void copy() }, label);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      // without permission, as in pages from a disk, the old way still works
      const field = h("textarea", { class: "unseen", "aria-hidden": "true" });
      field.value = text();
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    button.textContent = done;
    setTimeout(() => {
      button.textContent = label;
    }, 1500);
  }
  return button;
}
