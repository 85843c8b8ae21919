/** What is measured: heats of contestants, chosen by settings. */
package org.gatefold.benchmarks.runner.heat;
