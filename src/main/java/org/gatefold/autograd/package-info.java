/** A small tape of coarse operations: values with their gradients, and the recorded steps that compute the gradients. */
package org.gatefold.autograd;
