//! The order to stop, for all who wait for something.

use tokio::sync::watch;

/// Gives the order.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<bool>);

/// Hears the order.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Default for Stopper {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stopper {
    /// Orders the stop. It cannot be taken back.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// For one who is to hear it.
    pub fn heard(&self) -> Stop {
        Stop(self.0.subscribe())
    }
}

impl Stop {
    /// Whether the stop is ordered.
    pub fn is_ordered(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves once the stop is ordered; never if whoever could order it is gone.
    pub async fn ordered(&self) {
        if self.0.clone().wait_for(|is_ordered| *is_ordered).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
