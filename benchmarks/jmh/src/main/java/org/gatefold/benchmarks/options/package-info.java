/** What the options of recurrent cells cost, beside libtorch. */
package org.gatefold.benchmarks.options;
