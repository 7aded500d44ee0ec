namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>Messages in the order in which they go out; neighbours that can become one message do. For one thread at a time.</summary>
internal sealed class OutboxQueue
{
    /// <summary>Characters of a stream in one message.</summary>
    public const int Piece = 32_768;

    // Past so many turns between standard output and error, the order between the two gives way to the number of messages.
    private const int MostTurns = 16;

    private readonly LinkedList<OutboxEntry> _entries = new();
    private readonly Dictionary<string, char> _halves = [];
    private int _turns;

    /// <summary>Messages that wait.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes and characters that wait.</summary>
    public long Size { get; private set; }

    /// <summary>Adds text of a stream. A surrogate without its partner waits for it.</summary>
    public void Print(byte[] parent, string name, string text)
    {
        if (_halves.Remove(name, out var half))
            text = half + text;
        if (text.Length > 0 && char.IsHighSurrogate(text[^1]))
        {
            _halves[name] = text[^1];
            text = text[..^1];
        }
        for (var start = 0; start < text.Length; )
        {
            var entry = Open(parent, name);
            var length = Math.Min(Piece - entry.Text.Length, text.Length - start);
            if (char.IsHighSurrogate(text[start + length - 1]))
                length++;
            entry.Text.Append(text, start, length);
            Size += length;
            start += length;
        }
    }

    /// <summary>Adds a message, in place of an older update of the same display when nothing but streams and updates came since.</summary>
    public void Add(OutboxEntry entry)
    {
        _turns = 0;
        if (entry.Updates is { } id)
        {
            for (var node = _entries.Last; node?.Value is { } older && (older.Stream ?? older.Updates) is not null; node = node.Previous)
            {
                if (older.Updates != id)
                    continue;
                Size += entry.Size - older.Size;
                older.Frames = entry.Frames;
                return;
            }
        }
        _entries.AddLast(entry);
        Size += entry.Size;
    }

    /// <summary>Takes the next message out.</summary>
    public OutboxEntry Take()
    {
        var entry = _entries.First!.Value;
        _entries.RemoveFirst();
        Size -= entry.Size;
        return entry;
    }

    /// <summary>Takes out all text of streams past the next <paramref name="kept"/> characters; returns how many characters that were.</summary>
    public long DropText(int kept)
    {
        var dropped = 0L;
        for (var node = _entries.First; node is not null; )
        {
            var (entry, next) = (node.Value, node.Next);
            kept -= entry.Text.Length;
            if (entry.Stream is not null && kept < 0)
            {
                dropped += entry.Text.Length;
                _entries.Remove(node);
            }
            node = next;
        }
        Size -= dropped;
        return dropped;
    }

    // The entry at the end that can take more of this stream, or a new one.
    private OutboxEntry Open(byte[] parent, string name)
    {
        bool Fits(OutboxEntry? entry) => entry?.Stream == name && ReferenceEquals(entry.Parent, parent) && entry.Text.Length < Piece;

        var last = _entries.Last;
        if (Fits(last?.Value))
            return last!.Value;
        if (last?.Value.Stream is not { } other)
            _turns = 0;
        else if (other != name && ++_turns > MostTurns && Fits(last.Previous?.Value))
            return last.Previous!.Value;
        var entry = new OutboxEntry(parent, name);
        _entries.AddLast(entry);
        return entry;
    }
}
