/** The version of this package, as in its `package.json`: a test holds them equal. */

export const OTEL_VERSION = '0.0.0';
/** How OpenTelemetry calls what telemetry comes from: its instrumentation scope. */
export const SCOPE = '@ferrite/otel';
