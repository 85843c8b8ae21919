/** Layers that change the form of what they take, or apply others to forms that these do not know; no parameters of their own. */
package org.gatefold.layer.form;
