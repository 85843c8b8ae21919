/** Values: shapes, tensors and sequence lengths. Imports nothing else of Gatefold. */
package org.gatefold.tensor;
