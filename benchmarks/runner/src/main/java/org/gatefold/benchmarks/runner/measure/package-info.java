/** How it is measured: contestants in processes of their own, checked, timed in turns, compared. */
package org.gatefold.benchmarks.runner.measure;
