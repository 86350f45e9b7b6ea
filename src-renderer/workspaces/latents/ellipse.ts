/** An ellipse as SVG draws it: half axes, and degrees by which the first is turned. */
export interface Ellipse {
  cx: number;
  cy: number;
  rx: number;
  ry: number;
  angle: number;
}

/**
 * Where a Gaussian, seen along the other axes, is two standard deviations from its mean.
 *
 * @param across and up: which values of the mean the plane's axes are
 * @param place the plane's coordinates as the drawing's
 */
export function ellipseOf(
  { mean, covariance }: { mean: number[]; covariance: number[] },
  [across, up]: readonly [number, number],
  place: { x: (value: number) => number; y: (value: number) => number },
): Ellipse {
  const size = mean.length;
  const at = (row: number, column: number) => covariance[row * size + column]!;
  const [cx, cy] = [place.x(mean[across]!), place.y(mean[up]!)];
  // Lengths of a unit in the drawing; up is down on screens.
  const sx = place.x(1) - place.x(0);
  const sy = place.y(1) - place.y(0);
  const a = at(across, across) * sx * sx;
  const b = at(across, up) * sx * sy;
  const d = at(up, up) * sy * sy;
  const middle = (a + d) / 2;
  const reach = Math.hypot((a - d) / 2, b);
  const angle = (Math.atan2(2 * b, a - d) / 2) * (180 / Math.PI);
  return {
    ...{ cx, cy, angle },
    rx: 2 * Math.sqrt(middle + reach),
    ry: 2 * Math.sqrt(Math.max(0, middle - reach)),
  };
}
