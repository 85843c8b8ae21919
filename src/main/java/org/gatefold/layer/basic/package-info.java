/** Layers that most networks have: linear, activations, softmax, dropout, masking, and connections round a layer. */
package org.gatefold.layer.basic;
