//! Spreading one amount over several so that the parts sum to it exactly.

use std::cmp::Reverse;

/// Spreads `total` over `weights` by the method of the largest remainder: each gets its exact part rounded towards zero, and the
/// units that remain go one by one to those that lost most, the first of equals first.
///
/// The parts sum to `total`; none exceeds its weight as long as `total` does not exceed their sum. A negative total is spread like
/// the positive one; a negative weight counts as 0; where all weights are 0 all are equal. Nothing to spread over gives nothing.
pub fn spread(total: i64, weights: &[i64]) -> Vec<i64> {
    let mut weights: Vec<i128> = weights.iter().map(|weight| i128::from(*weight).max(0)).collect();
    if weights.iter().all(|weight| *weight == 0) {
        weights.fill(1);
    }
    let sum: i128 = weights.iter().sum();
    let (sign, size) = (i128::from(total.signum()), i128::from(total).abs());
    let mut parts: Vec<i128> = weights.iter().map(|weight| size * weight / sum).collect();
    let left = size - parts.iter().sum::<i128>();
    let mut losers: Vec<usize> = (0..weights.len()).collect();
    losers.sort_by_key(|i| Reverse(size * weights[*i] % sum));
    for (i, _) in losers.into_iter().zip(0..left) {
        parts[i] += 1;
    }
    // Each part is at most the total, so it fits.
    parts.into_iter().map(|part| (sign * part) as i64).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[test]
    fn the_largest_remainder_gets_the_unit_and_of_equals_the_first() {
        for (total, weights, parts) in [
            (10, &[1, 1, 1][..], &[4, 3, 3][..]),
            (100, &[1, 1, 1], &[34, 33, 33]),
            (2, &[1, 1, 1], &[1, 1, 0]),
            (5, &[10, 20, 70], &[1, 1, 3]),
            (999, &[8_999, 7_999], &[529, 470]),
            (-10, &[1, 1, 1], &[-4, -3, -3]),
            (0, &[5, 5], &[0, 0]),
            (3, &[0, 0], &[2, 1]),
            (7, &[0, 9, -3], &[0, 7, 0]),
            (7, &[], &[]),
            (i64::MAX, &[i64::MAX, i64::MAX], &[i64::MAX / 2 + 1, i64::MAX / 2]),
            (i64::MIN, &[1], &[i64::MIN]),
        ] {
            assert_eq!(spread(total, weights), parts, "{total} over {weights:?}");
        }
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_total(total in any::<i64>(), weights in vec(0..=i64::MAX, 1..60)) {
            let parts = spread(total, &weights);
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(total));
            prop_assert!(parts.iter().all(|part| *part == 0 || (*part < 0) == (total < 0)));
        }

        #[test]
        fn no_part_is_above_its_weight(weights in vec(0..=9_999_999_999i64, 1..50), thousandths in 0..=1_000i64) {
            let sum: i64 = weights.iter().sum();
            let total = sum / 1_000 * thousandths + sum % 1_000 * thousandths / 1_000;
            let parts = spread(total, &weights);
            prop_assert!(sum == 0 || parts.iter().zip(&weights).all(|(part, weight)| part <= weight));
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
        }

        #[test]
        fn each_part_is_less_than_a_unit_off(total in 0..=9_999_999_999i64, weights in vec(1..=9_999_999_999i64, 1..50)) {
            let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            for (part, weight) in spread(total, &weights).into_iter().zip(weights) {
                prop_assert!((i128::from(part) * sum - i128::from(total) * i128::from(weight)).abs() < sum);
            }
        }

        #[test]
        fn equal_weights_differ_by_a_unit_at_most_and_the_first_have_it(total in 0..1_000_000i64, count in 1..60usize) {
            let parts = spread(total, &vec![7; count]);
            prop_assert!(parts.is_sorted_by(|a, b| a >= b) && parts[0] - parts[count - 1] <= 1);
        }
    }
}
