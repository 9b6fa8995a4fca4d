/** Adds to a number in memory. */
export function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

/** Stores where the bits of a mask are set, counted from `first` on, 32 bits each; the end of what is stored. */
export function storePlaces(mask: i32, lanes: i32, first: i32, end: usize): usize {
  for (let lane = 0; lane < lanes; lane++) {
    if ((mask & (1 << lane)) === 0) continue;
    store<i32>(end, first + lane);
    end += 4;
  }
  return end;
}

/** The upper two of four float32, as the lower two. */
export function upper(x: v128): v128 {
  return v128.shuffle<f32>(x, x, 2, 3, 2, 3);
}

/** The sum of two float64. */
export function total(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** The sum of four float32, from the first on. */
export function total4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3)
  );
}
