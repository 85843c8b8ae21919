/** Normalisation of features. */
package org.gatefold.op.norm;
