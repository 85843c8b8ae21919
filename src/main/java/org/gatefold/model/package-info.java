/** Models: layers with their parameters on one device, and inference on them. */
package org.gatefold.model;
