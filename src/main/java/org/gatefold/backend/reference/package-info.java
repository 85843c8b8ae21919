/**
 * Every operation in plain Java: the oracle that other implementations are compared with, and the last resort where none
 * of them runs. Sums are taken in double precision; the code follows the equations of {@code docs/lstm.md}.
 */
package org.gatefold.backend.reference;
