namespace Recipes.Weights;

/// <summary>
/// Reads a pickle of protocols 2 to 5 as data. It is a machine with a stack, but it calls nothing: a name is either one of
/// <see cref="PickleGlobals"/>, whose effect is written there, or the file is refused.
/// </summary>
/// <remarks>Nothing recurses, so depth costs nothing here, and each opcode costs little; their number is bounded, as is the pickle's
/// length by <see cref="LongestPickle"/>.</remarks>
internal sealed class Unpickler(string path, Func<object?, object?> persistent)
{
    /// <summary>Most bytes of a pickle: a thousand times what large models have.</summary>
    public const int LongestPickle = 1 << 26;

    private const int MostOpcodes = 20_000_000;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private readonly PickleGlobals _globals = new(path);

    /// <summary>Reads one pickle; the reader stands behind it afterwards.</summary>
    public object? Load(ref PickleReader reader)
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        for (var count = 0; count < MostOpcodes; count++)
        {
            var opcode = (char)reader.Byte();
            if (opcode == '.')
                return Pop();
            if (!Scalar(opcode, ref reader) && !Container(opcode) && !Memo(opcode, ref reader) && !Object(opcode, ref reader))
                throw Bad(
                    $"the pickle has the opcode 0x{(int)opcode:x2} at byte {reader.Position - 1}, which protocols 2 to 5 of weights do not use"
                );
        }
        throw Bad($"the pickle has more than {MostOpcodes} opcodes");
    }

    private bool Scalar(char opcode, ref PickleReader reader)
    {
        switch (opcode)
        {
            case '\x80':
                var protocol = reader.Byte();
                if (protocol is < 2 or > 5)
                    throw Bad($"pickle protocol {protocol}, expected 2 to 5");
                return true;
            case '\x95': // a frame: only a hint on how much to read at once
                reader.UInt64();
                return true;
            case 'N':
                return Push(null);
            case '\x88':
                return Push(true);
            case '\x89':
                return Push(false);
            case 'J':
                return Push((long)reader.Int32());
            case 'K':
                return Push((long)reader.Byte());
            case 'M':
                return Push((long)reader.UInt16());
            case '\x8a':
                return Push(reader.Integer(reader.Byte()));
            case '\x8b':
                return Push(reader.Integer(reader.Int32()));
            case 'G':
                return Push(reader.Double());
            case 'X':
                return Push(reader.Text(reader.UInt32()));
            case '\x8c':
                return Push(reader.Text(reader.Byte()));
            case '\x8d':
                return Push(reader.Text(reader.UInt64()));
            case 'T':
                return Push(reader.Latin1(reader.UInt32()));
            case 'U':
                return Push(reader.Latin1(reader.Byte()));
            case 'B':
                return Push(reader.Bytes(reader.UInt32()));
            case 'C':
                return Push(reader.Bytes(reader.Byte()));
            case '\x8e' or '\x96':
                return Push(reader.Bytes(reader.UInt64()));
            default:
                return false;
        }
    }

    private bool Container(char opcode)
    {
        switch (opcode)
        {
            case '(':
                _marks.Add(_stack.Count);
                return true;
            case '0':
                Pop();
                return true;
            case '1':
                PopMark();
                return true;
            case '2':
                return Push(Peek());
            case ')':
                return Push(Array.Empty<object?>());
            case '\x85' or '\x86' or '\x87':
                return Push(PopLast(opcode - '\x84'));
            case 't':
                return Push(PopMark());
            case ']' or '\x8f':
                return Push(new List<object?>());
            case 'l' or '\x91':
                return Push(new List<object?>(PopMark()));
            case '}':
                return Push(new PickledDict());
            case 'd':
                var pairs = PopMark();
                Push(new PickledDict());
                return SetItems(pairs);
            case 's':
                return SetItems(PopLast(2));
            case 'u':
                return SetItems(PopMark());
            case 'a':
                return Append(PopLast(1));
            case 'e' or '\x90':
                return Append(PopMark());
            default:
                return false;
        }
    }

    private bool Memo(char opcode, ref PickleReader reader)
    {
        switch (opcode)
        {
            case 'q':
                _memo[reader.Byte()] = Peek();
                return true;
            case 'r':
                _memo[reader.UInt32()] = Peek();
                return true;
            case '\x94':
                _memo[(uint)_memo.Count] = Peek();
                return true;
            case 'h':
                return Recall(reader.Byte());
            case 'j':
                return Recall(reader.UInt32());
            default:
                return false;
        }
    }

    private bool Object(char opcode, ref PickleReader reader)
    {
        switch (opcode)
        {
            case 'c':
                return Push(_globals.Find(reader.Line(), reader.Line()));
            case '\x93':
                var names = PopLast(2);
                return names is [string module, string name]
                    ? Push(_globals.Find(module, name))
                    : throw Bad("the pickle builds a name from something that is no text");
            case 'R' or '\x81':
                var call = PopLast(2);
                return Push(_globals.Call(call[0], call[1]));
            case 'b':
                var built = PopLast(2);
                _globals.Build(built[0], built[1]);
                return Push(built[0]);
            case 'Q':
                return Push(persistent(Pop()));
            default:
                return false;
        }
    }

    private bool Push(object? value)
    {
        _stack.Add(value);
        return true;
    }

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Underflow();

    private object? Pop()
    {
        var top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object?[] PopLast(int count)
    {
        if (_stack.Count - count < Floor)
            throw Underflow();
        return Cut(_stack.Count - count);
    }

    private object?[] PopMark()
    {
        if (_marks.Count == 0)
            throw Underflow();
        var values = Cut(_marks[^1]);
        _marks.RemoveAt(_marks.Count - 1);
        return values;
    }

    private object?[] Cut(int start)
    {
        var values = _stack.GetRange(start, _stack.Count - start).ToArray();
        _stack.RemoveRange(start, values.Length);
        return values;
    }

    // What lies below the last mark belongs to the opcodes before it.
    private int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    private bool Recall(uint place) =>
        _memo.TryGetValue(place, out var value) ? Push(value) : throw Bad($"the pickle recalls value {place}, which it never stored");

    private bool SetItems(object?[] pairs)
    {
        if (Peek() is not PickledDict dict || pairs.Length % 2 != 0)
            throw Bad("the pickle sets items of something that is no dictionary");
        for (var i = 0; i < pairs.Length; i += 2)
            dict.Set(pairs[i], pairs[i + 1]);
        return true;
    }

    private bool Append(object?[] values)
    {
        if (Peek() is not List<object?> list)
            throw Bad("the pickle appends to something that is no list");
        list.AddRange(values);
        return true;
    }

    private RecipesException Underflow() => Bad("the pickle takes more from its stack than it put there");

    private RecipesException Bad(string problem) => PyTorchError.Bad(path, problem);
}
