/** Data in host memory: named columns, sets of them, and the batches they are cut into. */
package org.gatefold.data;
