using System.Text;

namespace Recipes.Notebook.Cells.Execution;

/// <summary>Routes the process's console to the cell that prints or reads; what is printed outside cells goes where it always went.</summary>
internal static class CellConsole
{
    private static readonly Lock _gate = new();
    private static bool _installed;

    public static void Install()
    {
        lock (_gate)
        {
            if (_installed)
                return;
            _installed = true;
            Console.SetOut(new Writer(Console.Out, "stdout"));
            Console.SetError(new Writer(Console.Error, "stderr"));
            Console.SetIn(new Reader(Console.In));
        }
    }

    private sealed class Writer(TextWriter outside, string name) : TextWriter
    {
        public override Encoding Encoding => outside.Encoding;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void WriteLine(string? value) => Write(value + "\n");

        public override void Write(ReadOnlySpan<char> buffer)
        {
            if (CellContext.Current is { } cell)
                cell.Outputs.Print(name, buffer);
            else
                outside.Write(buffer);
        }

        public override void Flush()
        {
            if (CellContext.Current is null)
                outside.Flush();
        }
    }

    private sealed class Reader(TextReader outside) : TextReader
    {
        private string _rest = "";

        public override string? ReadLine() => CellContext.Current is { } cell ? cell.ReadLine("", password: false) : outside.ReadLine();

        public override int Peek() =>
            CellContext.Current is null ? outside.Peek()
            : Fill() ? _rest[0]
            : -1;

        public override int Read()
        {
            if (CellContext.Current is null)
                return outside.Read();
            if (!Fill())
                return -1;
            var first = _rest[0];
            _rest = _rest[1..];
            return first;
        }

        private bool Fill()
        {
            if (_rest.Length == 0)
                _rest = CellContext.Current!.ReadLine("", password: false) + "\n";
            return _rest.Length > 0;
        }
    }
}
