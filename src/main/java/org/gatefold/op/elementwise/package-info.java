/** Operations on single elements: activations, sums, products, dropout. */
package org.gatefold.op.elementwise;
