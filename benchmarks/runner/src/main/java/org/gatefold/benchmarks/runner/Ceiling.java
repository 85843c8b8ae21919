package org.gatefold.benchmarks.runner;

/**
 * The matrix product that percentages refer to: it takes its turn and is no contestant.
 *
 * @param flops of one
 */
record Ceiling(ContestantSpec spec, double flops) {}
