/** The affine map on rows. */
package org.gatefold.op.linear;
