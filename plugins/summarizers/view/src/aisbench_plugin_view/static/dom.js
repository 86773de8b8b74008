// Elements, made of text alone: nothing that a model, a suite or a file says is ever read as HTML.

export function h(name, attributes, ...children) {
  const node = document.createElement(name);
  return filled(node, attributes, children);
}

export function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  return filled(node, attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else node.setAttribute(key, String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : shownText(String(child)));
  }
  return node;
}

// Characters that turn the direction of what stands around them are shown, not obeyed.
export function shownText(text) {
  return text.replace(/[\u202a-\u202e]/g, (one) => `⟨U+${one.charCodeAt(0).toString(16).toUpperCase()}⟩`);
}

export function replace(node, ...children) {
  node.replaceChildren();
  return filled(node, {}, children);
}

export function say(text) {
  document.getElementById("said").textContent = text;
}

export function stored(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(`aisbench-${key}`);
    localStorage.setItem(`aisbench-${key}`, value);
  } catch {
    // Without storage the choice holds for this page alone.
  }
  return null;
}

// An address within the page: "#/samples/ID/0?q=..."
export function address(path, query) {
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(query || {})) {
    if (value !== "" && value !== null && value !== undefined && value !== false) {
      asked.set(key, value === true ? "1" : value);
    }
  }
  const text = asked.toString();
  return `#${path}${text ? `?${text}` : ""}`;
}
