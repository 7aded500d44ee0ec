using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Running.Kernel;

// What the runner and its kernel process say to each other: one JSON object a line, in UTF-8.
//   to the kernel:   execute {id, code, language?}   interrupt   shutdown
//   from the kernel: hello {pid}   output {id, output}   done {id, status, count, error?}
internal static class KernelMessage
{
    /// <summary>Outputs whose JSON is longer are left out, with a line that says so.</summary>
    public const int LargestOutput = 64 << 20;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject Execute(int id, string code, string? language) =>
        new()
        {
            ["kind"] = "execute",
            ["id"] = id,
            ["code"] = code,
            ["language"] = language,
        };

    public static JsonObject Interrupt() => new() { ["kind"] = "interrupt" };

    public static JsonObject Shutdown() => new() { ["kind"] = "shutdown" };

    public static JsonObject Hello() => new() { ["kind"] = "hello", ["pid"] = Environment.ProcessId };

    public static JsonObject Done(int id, CellOutcome outcome) =>
        new()
        {
            ["kind"] = "done",
            ["id"] = id,
            ["status"] = outcome.Status.ToString(),
            ["count"] = outcome.ExecutionCount,
            ["error"] = outcome.Error is { } error ? OutputWire.Of(error) : null,
        };

    public static CellOutcome Outcome(JsonObject done) =>
        new(
            Enum.Parse<CellStatus>((string)done["status"]!),
            (int)done["count"]!,
            done["error"] is JsonObject error ? (CellOutput.Error)OutputWire.Read(error) : null
        );

    /// <summary>An output as a line. One that cannot be written, or is too long, is replaced by a text that says why.</summary>
    public static ReadOnlyMemory<byte> Output(int id, CellOutput output)
    {
        string problem;
        try
        {
            var line = Line(Wrap(id, OutputWire.Of(output)));
            if (line.Length <= LargestOutput)
                return line;
            problem = $"[output of {line.Length / 1e6:F0} MB left out: an output may have {LargestOutput / 1e6:F0} MB]";
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException or OutOfMemoryException)
        {
            problem = $"[output left out: it cannot be written as JSON ({e.Message})]";
        }
        var text = MimeBundle.Text(problem);
        return Line(
            Wrap(id, OutputWire.Of(output is CellOutput.Update u ? new CellOutput.Update(text, u.Id) : new CellOutput.Display(text, null)))
        );
    }

    public static ReadOnlyMemory<byte> Line(JsonNode message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
            message.WriteTo(writer);
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static JsonObject Wrap(int id, JsonObject output) =>
        new()
        {
            ["kind"] = "output",
            ["id"] = id,
            ["output"] = output,
        };
}
