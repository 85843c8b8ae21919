/** What the command line writes: tables, progress, plots and pages. */
package org.gatefold.cli.output;
