/** What went in and out since the start, for INFO and the metrics. */

export class Traffic {
  connectionsAccepted = 0;
  connectionsRejected = 0;
  commands = 0;
  inputBytes = 0;
  outputBytes = 0;

  reset(): void {
    this.connectionsAccepted = this.connectionsRejected = 0;
    this.commands = this.inputBytes = this.outputBytes = 0;
  }
}
