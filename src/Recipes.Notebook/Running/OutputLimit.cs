using System.Text;
using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Running;

// What a notebook keeps of one cell: of printed text the first five sixths of the limit and the last sixth, with a line
// between them that says how much is left out; of displays and results as many as fit in 64 MB.
internal sealed class OutputLimit(long limit)
{
    private const long Rich = 64 << 20;
    private const long Overhead = 512;

    private readonly LinkedList<CellOutput.Printed> _tail = new();
    private readonly Dictionary<string, long> _displays = [];
    private long _head;
    private long _tailed;
    private long _leftOut;
    private long _rich;
    private bool _clearNext;

    /// <summary>What of this output is to be kept now, and of earlier ones that were held back.</summary>
    public IEnumerable<CellOutput> Take(CellOutput output)
    {
        if (output is CellOutput.Clear clear)
        {
            _clearNext = clear.Wait;
            if (!clear.Wait)
                Reset();
            return [output];
        }
        if (_clearNext)
            Reset();
        return output switch
        {
            CellOutput.Printed printed => Text(printed),
            CellOutput.Display display => Fits(display.Content, display.Id) ?? [output],
            CellOutput.Update update => Fits(update.Content, update.Id) ?? [output],
            CellOutput.Result result => [.. Rest(), .. Fits(result.Content, null) ?? [output]],
            _ => [.. Rest(), output],
        };
    }

    /// <summary>What was held back, when the cell has ended.</summary>
    public IEnumerable<CellOutput> Rest()
    {
        if (_leftOut > 0)
        {
            StartAtLine();
            yield return new CellOutput.Printed(
                _tail.First?.Value.Name ?? "stdout",
                $"\n[{_leftOut:N0} characters left out; --output-limit {limit / 1e6:0.###} keeps that many MB of a cell's text]\n"
            );
        }
        foreach (var printed in _tail)
            yield return printed;
        _tail.Clear();
        (_tailed, _leftOut) = (0, 0);
    }

    private IEnumerable<CellOutput> Text(CellOutput.Printed printed)
    {
        var kept = (int)Math.Min(printed.Text.Length, Math.Max(0, (limit * 5 / 6) - _head));
        if (kept > 0 && kept < printed.Text.Length && char.IsHighSurrogate(printed.Text[kept - 1]))
            kept--;
        _head += kept;
        if (kept < printed.Text.Length)
            Hold(kept == 0 ? printed : printed with { Text = printed.Text[kept..] });
        return kept == 0 ? [] : [printed with { Text = printed.Text[..kept] }];
    }

    private void Hold(CellOutput.Printed printed)
    {
        _tail.AddLast(printed);
        _tailed += printed.Text.Length;
        while (_tailed > limit / 6)
        {
            var first = _tail.First!.Value;
            var over = (int)Math.Min(first.Text.Length, _tailed - (limit / 6));
            _tail.RemoveFirst();
            if (over < first.Text.Length)
                _tail.AddFirst(first with { Text = first.Text[over..] });
            Drop(over);
        }
    }

    private void StartAtLine()
    {
        if (_tail.First is not { Value: var first } || first.Text.IndexOf('\n') is not (>= 0 and < 1000 and var end))
            return;
        _tail.First.Value = first with { Text = first.Text[(end + 1)..] };
        Drop(end + 1);
    }

    private void Drop(int length)
    {
        _tailed -= length;
        _leftOut += length;
    }

    // Null when it does; else what to show instead, nothing after the first time.
    private CellOutput[]? Fits(MimeBundle content, string? id)
    {
        var size = content.Data.Sum(p => p.Value is null ? 4L : Size(p.Value)) + Overhead;
        var before = id is null ? 0 : _displays.GetValueOrDefault(id);
        var had = _rich;
        _rich += size - before;
        if (_rich > Rich)
        {
            _rich = Math.Max(had, Rich + 1);
            return had > Rich
                ? []
                : [new CellOutput.Display(MimeBundle.Text($"[this and later displays left out: a cell keeps {Rich >> 20} MB]"), null)];
        }
        if (id is not null)
            _displays[id] = size;
        return null;
    }

    private static long Size(System.Text.Json.Nodes.JsonNode value) =>
        value is System.Text.Json.Nodes.JsonValue text && text.TryGetValue<string>(out var s)
            ? s.Length
            : Encoding.UTF8.GetByteCount(value.ToJsonString());

    private void Reset()
    {
        _tail.Clear();
        _displays.Clear();
        (_head, _tailed, _leftOut, _rich, _clearNext) = (0, 0, 0, 0, false);
    }
}
