/** What training tells: steps, epochs, the whole run. */
package org.gatefold.train.report;
