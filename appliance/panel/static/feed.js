// The stream from the panel: a snapshot, then changes. EventSource reconnects by itself, except after a refusal.

const RETRY_MS = 5000;
export const OLD_SECONDS = 15;

export class Feed {
  constructor(address, changed) {
    this.state = null;
    this.heardAt = performance.now(); // when anything last came
    this.ahead = 0; // how far the panel's clock is ahead of this one, in ms
    this.address = address;
    this.changed = changed; // called with the names of what changed
    this.open();
  }

  open() {
    const source = new EventSource(this.address);
    const on = (name, act) => source.addEventListener(name, (event) => {
      this.heardAt = performance.now();
      act(JSON.parse(event.data));
    });
    on("snapshot", (data) => {
      this.state = data;
      this.setClock(data.now);
      this.changed("all");
    });
    on("change", ({ kind, key, value }) => {
      if (value === null) delete this.state[kind][key];
      else this.state[kind][key] = value;
      this.changed(kind);
    });
    on("ledger", (data) => {
      this.state.ledger = data;
      this.changed("ledger");
    });
    on("sources", (data) => {
      this.state.sources = data;
      this.changed("sources");
    });
    on("beat", (data) => this.setClock(data.now));
    on("reconnect", () => undefined); // the panel ends the stream now; the browser opens it again
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return;
      source.close(); // refused (all places taken, or a proxy's error page): the browser would not try again
      setTimeout(() => this.open(), RETRY_MS + Math.random() * RETRY_MS);
    });
  }

  setClock(text) {
    this.ahead = Date.parse(text) - Date.now();
  }

  now() {
    return Date.now() + this.ahead;
  }

  age() {
    return (performance.now() - this.heardAt) / 1000;
  }
}
