/** Runs operations on random arguments and compares them with the same operation of an oracle. */
package org.gatefold.op.verify;
