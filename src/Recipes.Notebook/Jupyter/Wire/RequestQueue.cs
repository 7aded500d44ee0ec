namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>Requests that wait for their turn.</summary>
internal sealed class RequestQueue
{
    private readonly object _gate = new();
    private readonly List<Message> _waiting = [];
    private bool _closed;

    /// <summary>Puts a request at the end.</summary>
    public void Add(Message request)
    {
        lock (_gate)
        {
            _waiting.Add(request);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits for the next request; null once closed.</summary>
    public Message? Take()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_closed)
                Monitor.Wait(_gate);
            if (_closed)
                return null;
            var next = _waiting[0];
            _waiting.RemoveAt(0);
            return next;
        }
    }

    /// <summary>Takes out all requests of a type.</summary>
    public IReadOnlyList<Message> TakeAll(string type)
    {
        lock (_gate)
        {
            Message[] taken = [.. _waiting.Where(m => m.Type == type)];
            _waiting.RemoveAll(m => m.Type == type);
            return taken;
        }
    }

    /// <summary>No request is taken any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
