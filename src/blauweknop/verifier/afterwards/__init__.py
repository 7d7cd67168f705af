"""What a receiver owes people after they shared: a receipt, the end of the retention, withdrawal, and proof that data are gone."""
