/** Batch normalisation of recurrent layers' input products, folded into their weights. */
package org.gatefold.layer.recurrent.norm;
