/** What the reference computes with: views of tensors, products in double, roundings, functions, masks. */
package org.gatefold.backend.reference.math;
