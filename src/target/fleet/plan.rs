//! Which of several deployments a device takes, and which deployments are in each other's way (Microsoft Learn, IoT Edge automatic
//! deployments, Priority).

use roaring::RoaringBitmap;

/// A deployment that wants devices.
#[derive(Clone, Debug)]
pub struct Contender<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its priority; the highest wins.
    pub priority: i64,
    /// When it was made, in any form that sorts; of equal priorities the newest wins, then the highest id.
    pub created: &'a str,
    /// The devices that its condition selects.
    pub devices: RoaringBitmap,
}

/// Two deployments of one priority that want some of the same devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    /// Number of the one.
    pub first: usize,
    /// Number of the other, always greater.
    pub second: usize,
    /// Devices that both want.
    pub devices: u64,
}

/// Returns the devices that each contender gets, in the order of the contenders: no device is in two sets.
pub fn assign(contenders: &[Contender<'_>]) -> Vec<RoaringBitmap> {
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let rank = |number: &usize| {
        let contender = &contenders[*number];
        (contender.priority, contender.created, contender.id)
    };
    order.sort_by(|left, right| rank(right).cmp(&rank(left)));
    let mut assigned = vec![RoaringBitmap::new(); contenders.len()];
    let mut taken = RoaringBitmap::new();
    for number in order {
        assigned[number] = &contenders[number].devices - &taken;
        taken |= &assigned[number];
    }
    assigned
}

/// Returns the pairs of contenders of equal priority that want some of the same devices.
pub fn ties(contenders: &[Contender<'_>]) -> Vec<Tie> {
    let mut ties = Vec::new();
    for (first, one) in contenders.iter().enumerate() {
        for (second, other) in contenders.iter().enumerate().skip(first + 1).filter(|(_, other)| other.priority == one.priority) {
            let devices = one.devices.intersection_len(&other.devices);
            if devices > 0 {
                ties.push(Tie { first, second, devices });
            }
        }
    }
    ties
}
