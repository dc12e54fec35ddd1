/* A program that does nothing, linked statically with its C library: what the bench's `exec` starts. In C, because
 * Rust's own start-up would make the base half as large again, and a sensor's share of it look smaller. */
int main(void) { return 0; }
