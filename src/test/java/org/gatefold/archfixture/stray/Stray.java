package org.gatefold.archfixture.stray;

/** Breaks the rule that every class has its package in the plan. */
public final class Stray {}
