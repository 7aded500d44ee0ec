using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Recipes.Data;

/// <summary>The coded bits of a JPEG scan and the blocks in them.</summary>
internal unsafe ref struct JpegBits(byte* start, byte* end)
{
    private byte* _at = start;
    private readonly byte* _end = end;
    private ulong _bits; // the next ones at the top
    private int _count;
    private int _padded; // of them, zeros behind the last byte

    /// <summary>Whether more bits were taken than there are, or a code was none.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Sets <see cref="IsBroken"/> where bits behind the end were taken.</summary>
    public void Check() => IsBroken |= _count < _padded;

    /// <summary>A block, dequantized, in rows of eight; the block must hold zeros. Returns the place of the last coefficient, 0 for a plain one.</summary>
    public int Block(JpegTable dc, JpegTable ac, ushort[] steps, ref int level, short* block)
    {
        level += Level(dc);
        block[0] = (short)(level * steps[0]);
        ref var order = ref JpegHeader.Order[0];
        ref var step = ref steps[0];
        ref var entries = ref ac.Entries[0];
        var last = 0;
        for (var k = 1; k < 64; k++)
        {
            Fill();
            var entry = Unsafe.Add(ref entries, (nint)(_bits >> (64 - JpegTable.Looked)));
            int value;
            if (entry >> 16 != 0)
            {
                Take(entry & 255);
                k += entry >> 8 & 15;
                value = entry >> 16;
            }
            else
            {
                if (!Next(entry, ac, ref k, out value))
                    break;
                if (value == 0)
                    continue;
            }
            last = k;
            block[Unsafe.Add(ref order, k)] = (short)(value * Unsafe.Add(ref step, Math.Min(k, 63)));
        }
        return last;
    }

    /// <summary>Reads over a block.</summary>
    public void Skip(JpegTable dc, JpegTable ac, ref int level)
    {
        level += Level(dc);
        ref var entries = ref ac.Entries[0];
        for (var k = 1; k < 64; k++)
        {
            Fill();
            var entry = Unsafe.Add(ref entries, (nint)(_bits >> (64 - JpegTable.Looked)));
            if (entry >> 16 != 0)
            {
                Take(entry & 255);
                k += entry >> 8 & 15;
            }
            else if (!Next(entry, ac, ref k, out _))
            {
                break;
            }
        }
    }

    // A coefficient whose bits are longer than an entry, or a run of sixteen zeros (value 0); false at the block's end.
    private bool Next(int entry, JpegTable table, ref int k, out int value)
    {
        value = 0;
        if (entry == 0 && (entry = table.Find((int)(_bits >> 48))) == 0)
        {
            IsBroken = true;
            return false;
        }
        Take(entry & 255);
        var (run, size) = (entry >> 12 & 15, entry >> 8 & 15);
        if (size == 0)
        {
            k += 15;
            return run == 15;
        }
        k += run;
        value = Value(size);
        return true;
    }

    private int Level(JpegTable table)
    {
        Fill();
        var entry = table.Entries[_bits >> (64 - JpegTable.Looked)];
        if (entry == 0 && (entry = table.Find((int)(_bits >> 48))) == 0)
        {
            IsBroken = true;
            return 0;
        }
        Take(entry & 255);
        var size = entry >> 8;
        if (size > 15)
            IsBroken = true;
        return size is 0 or > 15 ? 0 : Value(size);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Value(int size)
    {
        var value = (int)(_bits >> (64 - size));
        Take(size);
        return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take(int count)
    {
        _bits <<= count;
        _count -= count;
    }

    // At least 32 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Fill()
    {
        if (_count >= 32)
            return;
        if (_end - _at >= 4)
        {
            var four = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(_at));
            if (((~four - 0x01010101u) & four & 0x80808080u) == 0) // no byte of them is 0xFF
            {
                _bits |= (ulong)four << (32 - _count);
                _count += 32;
                _at += 4;
                return;
            }
        }
        Slow();
    }

    private void Slow()
    {
        while (_count <= 56)
        {
            ulong value = 0;
            if (_at < _end && _at[0] != 0xFF)
            {
                value = *_at++;
            }
            else if (_at + 1 < _end && _at[1] == 0)
            {
                value = 0xFF;
                _at += 2;
            }
            else
            {
                _padded += 8;
            }
            _bits |= value << (56 - _count);
            _count += 8;
        }
    }
}
