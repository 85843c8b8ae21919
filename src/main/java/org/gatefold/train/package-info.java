/**
 * Training: losses, optimisers, schedules, metrics, the loop, and checkpoints. No printing: whoever wants to show progress
 * listens.
 */
package org.gatefold.train;
