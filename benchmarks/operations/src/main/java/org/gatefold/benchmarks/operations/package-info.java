/** Single operations beside the same in libtorch: layers, losses, an optimiser. */
package org.gatefold.benchmarks.operations;
