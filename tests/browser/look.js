// Looks at one output area. Returns the texts too faint to read, and the boxes that stick out.
(area) => {
  const rgba = (text) => {
    const numbers = text.match(/[\d.]+/g).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    return { colour: numbers.slice(0, 3).map((n) => n * scale), alpha: numbers[3] ?? 1 };
  };
  const mix = (under, over, alpha) => under.map((u, k) => u + (over[k] - u) * alpha);

  // What a point of `chain`'s innermost element looks like: backgrounds painted from the outside
  // in, each element's opacity laid over what was there before it; `ink` is the text's colour.
  const paint = (chain, under, ink) => {
    if (chain.length === 0) return ink ? mix(under, ink.colour, ink.alpha) : under;
    const style = getComputedStyle(chain[0]);
    const background = rgba(style.backgroundColor);
    const painted = mix(under, background.colour, background.alpha);
    return mix(under, paint(chain.slice(1), painted, ink), Number(style.opacity));
  };
  const luminance = (colour) => {
    const [r, g, b] = colour
      .map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (element) => {
    const chain = [];
    for (let e = element; e; e = e.parentElement) chain.unshift(e);
    const white = [255, 255, 255];
    const ink = rgba(getComputedStyle(element).color);
    const [low, high] = [paint(chain, white, ink), paint(chain, white, null)]
      .map(luminance)
      .sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  const texts = [];
  const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && element.checkVisibility()) {
      texts.push({ text: walker.currentNode.data.trim(), contrast: contrast(element) });
    }
  }
  const frame = area.getBoundingClientRect();
  const outside = [...area.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    const sticks = box.right > frame.right + 0.5 || box.left < frame.left - 0.5;
    return element.checkVisibility() && (sticks || element.scrollWidth > element.clientWidth + 1
      && getComputedStyle(element).display !== "inline");
  });
  return {
    texts: texts,
    outside: outside.map((e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 60)}`),
  };
}
