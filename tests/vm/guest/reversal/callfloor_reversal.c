// SPDX-License-Identifier: GPL-2.0
// Line reversal for DAHDI spans that dahdi_dynamic_loc joins: DAHDI_SETPOLARITY at one end is DAHDI_EVENT_POLARITY at the other,
// as if an FXS card's and an FXO card's ports were wired together. Dynamic spans have no such wire of their own: hook and ring are
// bits, and no bit is left. For tests; a span learns it when the number of a descriptor, open on a channel of it, is written to
// /sys/module/callfloor_reversal/parameters/teach. The module cannot be unloaded.
#include <linux/bitmap.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <dahdi/kernel.h>

#define MOST_CHANNELS 256

struct wired {
	struct dahdi_span_ops ops;
	DECLARE_BITMAP(reversed, MOST_CHANNELS);
};

// As in dahdi_dynamic_loc.c, which keeps it to itself.
struct dahdi_dynamic_local {
	unsigned short key;
	unsigned short id;
	struct dahdi_dynamic_local *monitor_rx_peer;
	struct dahdi_dynamic_local *peer;
	struct dahdi_span *span;
	struct list_head node;
};

static struct dahdi_chan *far_end(struct dahdi_chan *chan)
{
	struct dahdi_dynamic *dynamic = container_of(chan->span, struct dahdi_dynamic, span);
	struct dahdi_dynamic_local *near = dynamic->pvt;

	return near && near->peer && near->peer->span ? near->peer->span->chans[chan->chanpos - 1] : NULL;
}

// dahdi_qevent_lock without its symbol, so that the driver's Module.symvers is not needed.
static void tell(struct dahdi_chan *chan, int event)
{
	unsigned long flags;
	int next;

	spin_lock_irqsave(&chan->lock, flags);
	next = (chan->eventinidx + 1) % DAHDI_MAX_EVENTSIZE;
	if (next != chan->eventoutidx) {
		chan->eventbuf[chan->eventinidx] = event;
		chan->eventinidx = next;
		wake_up_interruptible(&chan->waitq);
	}
	spin_unlock_irqrestore(&chan->lock, flags);
}

static int wired_ioctl(struct dahdi_chan *chan, unsigned int cmd, unsigned long data)
{
	struct wired *wired = container_of(chan->span->ops, struct wired, ops);
	struct dahdi_chan *far = far_end(chan);
	int reversed;

	if (cmd != DAHDI_SETPOLARITY)
		return -ENOTTY;
	if (!far || chan->chanpos > MOST_CHANNELS)
		return -ENODEV;
	if (get_user(reversed, (int __user *)data))
		return -EFAULT;
	if (!!reversed == test_bit(chan->chanpos - 1, wired->reversed))
		return 0;
	change_bit(chan->chanpos - 1, wired->reversed);
	tell(far, DAHDI_EVENT_POLARITY);
	return 0;
}

static int learn(struct dahdi_span *span)
{
	struct wired *wired;

	if (strncmp(span->name, "DYN/loc/", 8) != 0)
		return -EINVAL;
	if (span->ops->ioctl == wired_ioctl)
		return 0;
	wired = kzalloc(sizeof(*wired), GFP_KERNEL);
	if (!wired)
		return -ENOMEM;
	wired->ops = *span->ops;
	wired->ops.ioctl = wired_ioctl;
	span->ops = &wired->ops;
	return 0;
}

static int teach(const char *text, const struct kernel_param *param)
{
	struct dahdi_chan *chan;
	struct file *file;
	int fd, result = kstrtoint(text, 10, &fd);

	if (result)
		return result;
	file = fget(fd);
	if (!file)
		return -EBADF;
	chan = file->private_data;
	result = -EINVAL;
	if (file->f_op->owner && !strcmp(file->f_op->owner->name, "dahdi") && chan && chan->span)
		result = learn(chan->span);
	fput(file);
	return result;
}

static const struct kernel_param_ops teaching = { .set = teach };
module_param_cb(teach, &teaching, NULL, 0200);

static int __init reversal_init(void)
{
	return 0;
}
module_init(reversal_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Line reversal for DAHDI's local dynamic spans");
