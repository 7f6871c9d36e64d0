//! When a module that ended is started again: the product's back-off, and the same in quick motion for a world that people wait for.

use std::time::Duration;

use super::desired::RestartPolicy;
use crate::edgehub::Timing;

/// Restarts in a row after which a module has failed for good.
pub const MOST_RESTARTS: u32 = 20;

/// Returns the wait before the restart after `restarts` restarts in a row: 10 s in the product, doubled up to 300 s.
pub fn back_off(restarts: u32, timing: Timing) -> Duration {
    let seconds = 10_u64.saturating_mul(1_u64.checked_shl(restarts).unwrap_or(u64::MAX)).min(300);
    timing.of(Duration::from_secs(seconds))
}

/// Returns how long a module must run until its restarts are forgotten: 10 minutes in the product.
pub fn healthy_after(timing: Timing) -> Duration {
    timing.of(Duration::from_mins(10))
}

/// What comes after the end of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It stays as it is: `stopped` after success.
    Stopped,
    /// It stays as it is: it failed, and may not or must not be started again.
    Failed,
    /// It is started again after this time.
    Restart(Duration),
}

/// Decides what comes after the end of a module that was started again `restarts` times in a row.
pub fn after_exit(policy: RestartPolicy, success: bool, restarts: u32, timing: Timing) -> Next {
    let again = match policy {
        RestartPolicy::Never => false,
        RestartPolicy::OnFailure | RestartPolicy::OnUnhealthy => !success,
        RestartPolicy::Always => true,
    };
    match (again, success) {
        (true, _) if restarts < MOST_RESTARTS => Next::Restart(back_off(restarts, timing)),
        (true, _) | (false, false) => Next::Failed,
        (false, true) => Next::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_back_off_doubles_up_to_five_minutes() {
        let seconds: Vec<u64> = (0..7).map(|restarts| back_off(restarts, Timing::Product).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(back_off(u32::MAX, Timing::Product).as_secs(), 300);
        assert_eq!((back_off(0, Timing::Fast).as_millis(), back_off(9, Timing::Fast).as_millis()), (200, 6000));
    }

    #[test]
    fn policies_differ_in_what_they_restart() {
        use RestartPolicy::{Always, Never, OnFailure, OnUnhealthy};
        let again = |policy, success| matches!(after_exit(policy, success, 0, Timing::Fast), Next::Restart(_));
        let table = [Never, OnFailure, OnUnhealthy, Always].map(|policy| (again(policy, true), again(policy, false)));
        assert_eq!(table, [(false, false), (false, true), (false, true), (true, true)]);
        assert_eq!(after_exit(Never, true, 0, Timing::Fast), Next::Stopped);
        assert_eq!(after_exit(Always, true, MOST_RESTARTS, Timing::Fast), Next::Failed);
    }
}
