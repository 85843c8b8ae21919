/** What becomes of a folded graph for one size of its inputs: nodes on a device, in the order in which they run. */
package org.gatefold.exchange.onnx.plan;
