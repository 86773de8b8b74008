// Browsers start no workers for pages that are opened as files. The site's search is one worker
// that gets messages and answers them: here its script runs in a hidden frame instead.
if (location.protocol === "file:") {
  window.Worker = class {
    constructor(url) {
      this.onmessage = this.onerror = this.onmessageerror = null;
      this.waiting = [];
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      const inner = this.frame.contentWindow;
      inner.postMessage = (data) => this.onmessage?.(new MessageEvent("message", { data }));
      const script = inner.document.createElement("script");
      script.onload = () => {
        this.ready = true;
        this.waiting.splice(0).forEach((data) => this.deliver(data));
      };
      script.onerror = (event) => this.onerror?.(event);
      script.src = new URL(url, location.href);
      inner.document.body.append(script);
    }

    postMessage(data) {
      this.ready ? this.deliver(data) : this.waiting.push(data);
    }

    deliver(data) {
      // As between threads: later, and a copy.
      const copy = structuredClone(data);
      setTimeout(() => {
        const inner = this.frame.contentWindow;
        inner?.dispatchEvent(new inner.MessageEvent("message", { data: copy }));
      });
    }

    terminate() {
      this.frame.remove();
    }
  };
}
