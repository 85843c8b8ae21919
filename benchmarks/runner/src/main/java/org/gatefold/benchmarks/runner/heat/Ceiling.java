package org.gatefold.benchmarks.runner.heat;

/**
 * The matrix product that percentages refer to: it takes its turn and is no contestant.
 *
 * @param flops of one
 */
public record Ceiling(ContestantSpec spec, double flops) {}
