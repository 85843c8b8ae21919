/** What is told of it: tables, JSON, bars. */
package org.gatefold.benchmarks.runner.report;
