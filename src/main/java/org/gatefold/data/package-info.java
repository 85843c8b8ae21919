/** Data in host memory: sets of sequences, the batches they are cut into, and readers. */
package org.gatefold.data;
