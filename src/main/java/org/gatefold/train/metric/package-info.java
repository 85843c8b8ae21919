/** Measures of predictions beside the loss. */
package org.gatefold.train.metric;
