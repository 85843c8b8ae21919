/** State dicts of PyTorch in and out. */
package org.gatefold.exchange.pytorch;
